import { installTools } from "../../scripts/package.ts";

export default installTools;
