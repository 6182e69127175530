import { readFile } from "node:fs/promises";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";

/** Where a deployment is, as the stack's output `Deployment` says. */
type Deployment = {
  readonly application: string;
  /** That its functions go on with. */
  readonly epoch: number;
  readonly logTable: string;
  readonly viewsTable: string;
  readonly failedTable: string;
  readonly bucket: string;
  /** Names of Kinesis streams, by the id of a source stream or of the stage that an internal stream feeds. */
  readonly streams: Readonly<Record<string, string>>;
};

/** A deployment and where its services answer; undefined: AWS. */
export type Place = { readonly deployment: Deployment; readonly endpoint: string | undefined };

export type PlaceOptions = {
  /** A file that `cdk deploy --outputs-file` wrote. @default a local cloud at the endpoint is asked */
  readonly outputs?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Which stack of several. */
  readonly stack?: string | undefined;
};

/** @throws MillraceError `DEPLOYMENT_UNKNOWN` */
export async function findDeployment({ outputs, endpoint, stack }: PlaceOptions): Promise<Place> {
  if (outputs === undefined && endpoint === undefined)
    throw unknown("neither --outputs nor --endpoint says where it is");
  const read = outputs === undefined ? await askCloud(endpoint ?? "") : await readOutputs(outputs);
  const found = descriptionsIn(read).filter(([name]) => stack === undefined || name === stack);
  const [first, second] = found;
  const where = outputs ?? endpoint;
  if (first === undefined)
    throw unknown(
      `${where} has no output "Deployment"${stack === undefined ? "" : ` of a stack "${stack}"`}`,
    );
  if (second !== undefined)
    throw unknown(`${where} has several: name one with --stack, ${found.map(([name]) => name).join(" or ")}`);
  return { deployment: JSON.parse(first[1]) as Deployment, endpoint };
}

type Outputs = Readonly<Record<string, unknown>>;

/** The outputs of one stack, or of several by their names. */
function descriptionsIn(outputs: Outputs): (readonly [stack: string, description: string])[] {
  const own = outputs["Deployment"];
  if (typeof own === "string") return [["", own]];
  return Object.entries(outputs).flatMap(([stack, of]) => {
    const description = typeof of === "object" && of !== null ? (of as Outputs)["Deployment"] : undefined;
    return typeof description === "string" ? [[stack, description] as const] : [];
  });
}

async function askCloud(endpoint: string): Promise<Outputs> {
  try {
    const response = await fetch(new URL("/_millrace/outputs", endpoint));
    if (response.ok) return (await response.json()) as Outputs;
    throw unknown(`${endpoint} answers ${response.status}: it is no local cloud, name the outputs' file too`);
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw unknown(`${endpoint} does not answer: ${messageOf(cause)}`, cause);
  }
}

async function readOutputs(file: string): Promise<Outputs> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Outputs;
  } catch (cause) {
    throw unknown(`"${file}" cannot be read: ${messageOf(cause)}`, cause);
  }
}

const unknown = (sentence: string, cause?: unknown): MillraceError =>
  new MillraceError("DEPLOYMENT_UNKNOWN", sentence, {
    next: "refused",
    ...(cause === undefined ? {} : { cause }),
  });
