import type { ErrorCode } from "../shared/errors/codes.ts";

/** What the command's exit code says; `millrace --help` prints it. */
export const EXIT = {
  ok: 0,
  /** The job ran, and something was lost, refused or failed. */
  incomplete: 1,
  /** The command, a file or a pipeline is wrong: nothing ran. */
  usage: 2,
  /** Something that a command needs did not work. */
  fault: 3,
  /** Ctrl-C before the end. */
  interrupted: 130,
} as const;

export const EXIT_HELP = `
Exit codes:
  0    done, and nothing was lost
  1    the job ran, and something was lost, refused or failed
  2    the command, a file or a pipeline is wrong: nothing ran
  3    something that the command needs did not work
  130  interrupted before the end`;

type Outcome = { readonly exit: number; readonly advice: string };

const USAGE = (advice: string): Outcome => ({ exit: EXIT.usage, advice });
const INCOMPLETE = (advice: string): Outcome => ({ exit: EXIT.incomplete, advice });
const FAULT = (advice: string): Outcome => ({ exit: EXIT.fault, advice });

const BY_CODE: Partial<Record<ErrorCode, Outcome>> = {
  CLI_MODULE: USAGE("name a module that loads, and exports an application() or a pipeline()"),
  CLI_NO_PIPELINES: USAGE(
    "run it in a project's folder, or name a module with --pipelines; millrace dev --sample flights runs the shipped ones",
  ),
  CHAOS_FAULT: USAGE("see the faults with millrace chaos --list"),
  CLI_OPTION: USAGE("see millrace --help"),
  PIPELINE_UNKNOWN: USAGE("see the pipelines with millrace plan"),
  RUN_INPUT: USAGE(
    "name a readable file of JSON lines for each stream, with --input <stream>=<file>, and one of JSON lines or CSV for each table that is looked up, with --lookup <table>=<file>",
  ),
  SETTING_MISSING: FAULT("run npm ci, then try again; the template may be damaged: delete .millrace"),
  LOCAL_ADDRESS: FAULT("leave --port out, or name one that is free; --host names an address of this machine"),
  LOCAL_TEMPLATE_INVALID: FAULT("delete .millrace and try again"),
  LOCAL_RESOURCE_UNSUPPORTED: FAULT("take the resource out of the app, or deploy to AWS"),
  DEPLOYMENT_UNKNOWN: USAGE(
    "name a local cloud with --endpoint, or with --outputs the file that cdk deploy --outputs-file wrote",
  ),
  SAVEPOINT_EPOCH_TAKEN: USAGE("name an epoch that has not begun, with --epoch"),
  SAVEPOINT_FRAMES_GONE: FAULT("let the stage catch up, then take the savepoint again"),
  SAVEPOINT_MISMATCH: USAGE(
    "name the pipelines that the savepoint was taken of, or leave that state behind with --allow-dropped-state",
  ),
  SAVEPOINT_TORN: FAULT("take the savepoint again"),
  SAVEPOINT_UNKNOWN: USAGE("see them with millrace savepoint list"),
  STATE_MISMATCH: FAULT(
    "give the operator a new id, which begins with empty state; or begin without data: restart it, with --persist in another folder",
  ),
  STATE_VERSION: FAULT(
    "deploy the newer code again; or begin without data: restart it, with --persist in another folder",
  ),
  SYNTH_FAILED: FAULT("correct what it names; cdk synth says more"),
  PERSIST_DAMAGED: FAULT("restore the folder from a copy, or name another one with --persist"),
  PERSIST_FOLDER: FAULT("name another folder with --persist, or end the process that has this one"),
  JOB_STALLED: INCOMPLETE("look into the functions' log, whose path stands above"),
  FEED_REFUSED: INCOMPLETE("look at the answer: the events do not fit the stream"),
  FEED_GAVE_UP: INCOMPLETE("look into the functions' log, whose path stands above"),
  OPERATOR_HALTED: INCOMPLETE("correct the function, or give the operator another onError"),
};

/** The exit code of an error, and what to do next. */
export function outcomeOf(code: ErrorCode): Outcome {
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (code.startsWith("PLAN_")) return USAGE("correct the pipeline, then check it with millrace plan");
  return FAULT("run it again with --verbose to see where it comes from");
}
