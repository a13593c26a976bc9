// child.ts <subject> <url>: asks as often as the parent process says.
import { serve } from "../interleaved.ts";
import { subjects } from "./subjects.ts";

const [, , name = "", url = ""] = process.argv;
const setUp = subjects[name];
if (!setUp) throw new Error(`no subject ${name}`);
serve(await setUp(url), (answer) => answer === true);
