/** What a key may do. `admin` includes `write`, and `write` includes `read`; `report` stands alone. */
export const SCOPES = ["admin", "write", "read", "report"] as const;
export type Scope = (typeof SCOPES)[number];

const INCLUDES: Record<Scope, readonly Scope[]> = {
  admin: ["admin", "write", "read"],
  write: ["write", "read"],
  read: ["read"],
  report: ["report"],
};

/** Whether a set of scopes allows what needs one of `needed`. */
export const allows = (scopes: readonly Scope[], needed: readonly Scope[]): boolean =>
  scopes.some((scope) => INCLUDES[scope]?.some((included) => needed.includes(included)));

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SELECTOR_LENGTH = 12;
const SECRET_LENGTH = 32; // 190 bits
const CHECKSUM_LENGTH = 6;
const FORMAT = /^tt_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/** `length` random characters of 0-9, A-Z, a-z, each equally likely. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte; what is above would favour the first characters.
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

/** SHA-256 of the UTF-8 bytes of `text`, in hex. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A typing error is told from a wrong key without asking the database; it protects nothing.
async function checksum(selector: string, secret: string): Promise<string> {
  let rest = Number.parseInt((await sha256(`tt_${selector}_${secret}`)).slice(0, 12), 16);
  let text = "";
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text += ALPHABET[rest % 62];
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** A new key, `tt_<selector>_<secret><checksum>`, and what is stored of it. */
export async function createKey(): Promise<{ key: string; selector: string; hash: string; lastFour: string }> {
  const selector = randomText(SELECTOR_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const key = `tt_${selector}_${secret}${await checksum(selector, secret)}`;
  return { key, selector, hash: await sha256(key), lastFour: key.slice(-4) };
}

/** The selector and the hash of a key, or undefined when it is not a key at all (its checksum included). */
export async function parseKey(key: string): Promise<{ selector: string; hash: string } | undefined> {
  const [, selector = "", secret = "", sum] = FORMAT.exec(key) ?? [];
  if (!selector || sum !== (await checksum(selector, secret))) return undefined;
  return { selector, hash: await sha256(key) };
}
