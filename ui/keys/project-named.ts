interface Named {
  id: string;
  name: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of the project that somebody means by its name or id; else how many there are of that name. */
export function projectNamed(text: string, found: readonly Named[]): { id: string } | { count: number } {
  const wanted = text.trim().toLowerCase();
  if (UUID.test(wanted)) return { id: wanted };
  const named = found.filter(({ name }) => name.toLowerCase() === wanted);
  const [only] = named;
  return only && named.length === 1 ? { id: only.id } : { count: named.length };
}
