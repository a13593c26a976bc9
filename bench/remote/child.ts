// child.ts <subject> <url>: asks as often as the parent process says.
import { serve, timed } from "../interleaved.ts";
import { subjects } from "./subjects.ts";

const [, , name = "", url = ""] = process.argv;
const setUp = subjects[name];
if (!setUp) throw new Error(`no subject ${name}`);
serve(timed(await setUp(url), (answer) => answer === true));
