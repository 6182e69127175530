import type { Application } from "../../../shared/index.ts";
import { VERSIONS } from "./visits.ts";

export const app: Application = VERSIONS.reshaped;
