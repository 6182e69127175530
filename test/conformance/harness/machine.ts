import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where commands are though no PATH may say so: a bare environment has none, and Go's own installer adds nothing to it. */
const USUAL_PLACES = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/go/bin"];

const { PATH = "" } = process.env;
const places = [...PATH.split(delimiter).filter((place) => place !== ""), ...USUAL_PLACES];

/** The environment in which stand-ins are installed and run: with a PATH and a HOME, also where the caller has none. */
export const machine: NodeJS.ProcessEnv = {
  HOME: homedir(),
  ...process.env,
  PATH: places.join(delimiter),
};

/** Whether this machine has a command. */
export const hasCommand = (name: string): boolean => places.some((place) => existsSync(join(place, name)));
