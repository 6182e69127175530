import type { Ask } from "../iam.ts";

/** Invoke and its kinds. Source: "… for AWS Lambda", Service Authorization Reference. */
export const invocationOf = (functionArn: string): Ask => ({
  action: "lambda:InvokeFunction",
  resource: functionArn,
});
