import { expect } from "vitest";
import { eventually } from "./eventually.ts";
import { ask } from "./stack.ts";

const FUNCTIONS = "/2015-03-31/functions";

type Functions = { readonly Functions: readonly { readonly FunctionName: string }[] };
type FunctionAndCode = {
  readonly Configuration: { readonly LastUpdateStatus: string };
  readonly Code: { readonly Location: string };
};

/**
 * Gives every function the code that it has, once more. LocalStack as plain processes forgets the unpacked code of a
 * function whose configuration is updated, and CloudFormation updates code and configuration: no new environment of
 * the function would start. Where code is kept, as by the image for Docker, this changes nothing.
 */
export async function unpackCodeAgain(endpoint: string, stack: string): Promise<void> {
  const { Functions } = (await json(ask(endpoint, "lambda", `${FUNCTIONS}/`))) as Functions;
  const names = Functions.map(({ FunctionName }) => FunctionName);
  await Promise.all(
    names.filter((name) => name.startsWith(`${stack}-`)).map((name) => again(endpoint, name)),
  );
}

async function again(endpoint: string, name: string): Promise<void> {
  const path = `${FUNCTIONS}/${name}`;
  const look = async () => (await json(ask(endpoint, "lambda", path))) as FunctionAndCode;
  const zip = await fetch((await look()).Code.Location);
  const body = JSON.stringify({ ZipFile: Buffer.from(await zip.arrayBuffer()).toString("base64") });
  await json(ask(endpoint, "lambda", `${path}/code`, { method: "PUT", body }));
  await eventually(`${name} is updated`, look, ({ Configuration }) =>
    expect(Configuration.LastUpdateStatus).toBe("Successful"),
  );
}

async function json(asked: Promise<Response>): Promise<unknown> {
  const answer = await asked;
  if (answer.ok) return answer.json();
  throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
