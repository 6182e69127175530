/** A function for tests: answers with its environment variables. */
export const handler = async () => ({ ...process.env });
