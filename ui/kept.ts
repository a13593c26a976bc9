/** A value that outlives a reload of this tab, but not the tab. */
export interface Kept<T> {
  read(): T | null;
  write(value: T | null): void;
}

/** Where the browser allows no storage, nothing is kept. */
export function keptInTab<T>(name: string): Kept<T> {
  return {
    read() {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? "null");
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        if (value === null) sessionStorage.removeItem(name);
        else sessionStorage.setItem(name, JSON.stringify(value));
      } catch {}
    },
  };
}
