/** What a figure must be, and whether it is. */
export interface Target {
  /** Such as `≤ 1.10 ×`. */
  text: string;
  met: boolean;
}

/** One line of a table. */
export interface Row {
  /** One for each column but the last two, which tell the targets. */
  cells: string[];
  /** The SDK's own row; peers and floors have no targets. */
  targets?: Target[];
}

/** What one part of the benchmark found. */
export interface Table {
  title: string;
  columns: string[];
  rows: Row[];
  /** How it was measured, and what else the reader must know. */
  notes: string[];
}

const VERDICT = ["target", ""];

const cellsOf = ({ cells, targets = [] }: Row): string[] => [
  ...cells,
  targets.map(({ text }) => text).join(", "),
  targets.map(({ met }) => (met ? "ok" : "MISSED")).join(", "),
];

const widthsOf = (lines: string[][]): number[] =>
  lines[0]?.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];

/** Words to the left, figures to the right. */
const aligned = (cells: string[], widths: number[], isFigure: (column: number) => boolean): string[] =>
  cells.map((cell, i) => (isFigure(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)));

/** The table for a terminal. */
export function toText({ title, columns, rows, notes }: Table): string {
  const lines = [[...columns, ...VERDICT], ...rows.map(cellsOf)];
  const widths = widthsOf(lines);
  const isFigure = (column: number) => column > 0 && column < columns.length;
  const body = lines.map((cells) => aligned(cells, widths, isFigure).join("  ").trimEnd());
  return [`\n${title}\n`, ...body, ...notes.map((note) => `  ${note}`)].join("\n");
}

/** The table as a section of a document, our rows in bold. */
export function toMarkdown({ title, columns, rows, notes }: Table): string {
  const bold = (row: Row): Row => ({ ...row, cells: row.cells.map((cell, i) => (i === 0 ? `**${cell}**` : cell)) });
  const lines = [[...columns, ...VERDICT], ...rows.map((row) => cellsOf(row.targets ? bold(row) : row))];
  const widths = widthsOf(lines);
  const isFigure = (column: number) => column > 0 && column < columns.length;
  const [head, ...body] = lines.map((cells) => `| ${aligned(cells, widths, isFigure).join(" | ")} |`);
  const rule = `| ${widths.map((width, i) => (isFigure(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [`## ${title}\n`, head, rule, ...body, "", ...notes.map((note) => `- ${note}`)].join("\n");
}

/** Whether `value` is at most `limit`, as a target in words. */
export const atMost = (value: number, limit: number, unit: string): Target => ({
  text: `≤ ${limit.toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`,
  met: value <= limit,
});

/** Three figures that count: `0.345`, `12.3`, `1,234`. */
export const figure = (value: number): string =>
  Number.isFinite(value)
    ? value.toLocaleString("en", { maximumFractionDigits: value < 1 ? 3 : value < 100 ? 1 : 0 })
    : "-";

export const ratio = (value: number): string => `${value.toFixed(2)} ×`;
