import type { ComponentChildren } from "preact";
import { navigate } from "../state.ts";

interface Props {
  to: string;
  class?: string;
  /** It leads to where one is. */
  current?: boolean;
  children: ComponentChildren;
}

export function Link({ to, class: className, current, children }: Props) {
  const follow = (event: MouseEvent) => {
    const wantsNewTab = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (wantsNewTab) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} class={className} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
