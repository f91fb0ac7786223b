/** The product's application over memory: `watched` as in production, or `unwatched` with nobody who counts or writes. */
import { readConfig } from "../../src/config.ts";
import { serve, settings } from "../servers/serve.ts";
import { unwatchedApp, watchedApp } from "./apps.ts";

const config = readConfig(process.env);
serve((settings.mode === "watched" ? watchedApp(config) : unwatchedApp(config)).fetch);
