/** The body that an invocation answers with when the sandbox, not the handler, failed. */
export const sandboxFailure = (errorType: string, errorMessage: string): Buffer =>
  Buffer.from(JSON.stringify({ errorType, errorMessage }));
