import { waitUntil } from "cloudflare:workers";
import { createApp } from "./app.ts";

export default createApp({ waitUntil }); // a refresh in the background outlives the request that began it
