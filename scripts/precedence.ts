// Writes the table of the rules' precedence into docs/rules.md, from the cases that the test tries.

import { readFileSync, writeFileSync } from "node:fs";
import { withTable } from "../test/rules/precedence-cases.ts";

const page = new URL("../docs/rules.md", import.meta.url);
writeFileSync(page, withTable(readFileSync(page, "utf8")));
