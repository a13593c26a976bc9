import { render } from "preact";
import { App } from "./components/App.tsx";
import { start } from "./state.ts";

const root = document.getElementById("app");
if (root) {
  void start();
  // In a task of its own, when the question who is signed in is on its way: a phone can do something in between.
  setTimeout(() => render(<App />, root));
}
