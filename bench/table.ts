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

/** The table for a terminal: the first column to the left, figures to the right. */
export function toText({ title, columns, rows, notes }: Table): string {
  const lines = [[...columns, ...VERDICT], ...rows.map(cellsOf)];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const align = (cells: string[]) =>
    cells
      .map((cell, i) => (i > 0 && i < columns.length ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [`\n${title}\n`, ...lines.map(align), ...notes.map((note) => `  ${note}`)].join("\n");
}

export function toMarkdown({ title, columns, rows, notes }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rule = [...columns.map((_, i) => (i === 0 ? "---" : "---:")), "---", "---"];
  const ours = ({ targets, cells }: Row) => (targets ? [`**${cells[0]}**`, ...cells.slice(1)] : cells);
  const body = rows.map((row) => line(cellsOf({ ...row, cells: ours(row) })));
  return [
    `## ${title}\n`,
    line([...columns, ...VERDICT]),
    line(rule),
    ...body,
    "",
    ...notes.map((note) => `- ${note}`),
  ].join("\n");
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
