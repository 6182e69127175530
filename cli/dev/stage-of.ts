import type { Cloud } from "../../local/cloud.ts";

/** What a function is called by those who wrote it: its stage, or its service, or its own name. */
export function stageOf(lambda: Cloud["lambda"], functionName: string): string {
  if (!lambda.functionNames().includes(functionName)) return functionName;
  const { MILLRACE_STAGE, POWERTOOLS_SERVICE_NAME } = lambda.configOf(functionName).environment;
  return MILLRACE_STAGE ?? POWERTOOLS_SERVICE_NAME ?? functionName;
}
