import { useLayoutEffect, useState } from "preact/hooks";

// The part of @preact/signals this page uses; the library would take a fifth of the byte budget.

export interface Signal<T> {
  value: T;
  /** Calls `listener` after each change until the returned function is called. */
  subscribe(listener: (value: T) => void): () => void;
}

export function signal<T>(initial: T): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  let current = initial;
  return {
    get value() {
      return current;
    },
    set value(next) {
      current = next;
      for (const listener of listeners) listener(next);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The signal's value, in a component that renders again when it changes. */
export function useValue<T>(source: Signal<T>): T {
  const [value, setValue] = useState(source.value);
  useLayoutEffect(() => {
    setValue(source.value);
    return source.subscribe(setValue);
  }, [source]);
  return value;
}
