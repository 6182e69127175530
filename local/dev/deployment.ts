import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Cloud } from "../cloud.ts";

/** What an application's parts are called in a cloud, as its functions are told. */
export type Deployment = {
  readonly logTable: string;
  readonly viewsTable: string;
  readonly bucket: string;
  /** The epoch that its stages go on with. */
  readonly epoch: number;
  /** The Kinesis stream of a source stream, or of the stage that reads it. */
  readonly streamName: (id: string) => string;
};

/** @throws MillraceError LOCAL_TEMPLATE_INVALID where the functions are not told */
export function deploymentOf({ lambda }: Cloud): Deployment {
  const environments = lambda.functionNames().map((name) => lambda.configOf(name).environment);
  const setting = (name: string): string => {
    const value = environments.map((environment) => environment[name]).find((text) => text !== undefined);
    if (value === undefined) throw missing(`no function has the setting ${name}`);
    return value;
  };
  const streams = new Map(
    environments.flatMap(({ MILLRACE_STREAMS = "{}" }) =>
      Object.entries(JSON.parse(MILLRACE_STREAMS) as Record<string, string>),
    ),
  );
  return {
    logTable: setting("MILLRACE_LOG_TABLE"),
    viewsTable: setting("MILLRACE_VIEWS_TABLE"),
    bucket: setting("MILLRACE_BUCKET"),
    epoch: Math.max(0, ...environments.map(({ MILLRACE_EPOCH = "0" }) => Number(MILLRACE_EPOCH))),
    streamName: (id) => {
      const name = streams.get(id);
      if (name === undefined) throw missing(`no function writes to a stream "${id}"`);
      return name;
    },
  };
}

const missing = (what: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", `the template is of no Millrace application: ${what}`, {
    next: "refused",
  });
