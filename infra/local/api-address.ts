/** `https://<api id>.execute-api.<host>/<stage>/`; the host may be none that a URL can have: `127.0.0.1:4566` behind a name. */
const API_URL = /^https:\/\/(?<id>[^.]+)\.execute-api\.[^/]+(?<path>\/.*)$/;

/**
 * Where a deployed REST API answers. The name in the stack's output `ApiUrl` leads to AWS, or nowhere: LocalStack
 * serves its APIs under paths of its one port.
 * @returns `url` itself where the endpoint is no LocalStack
 */
export async function apiAddress(url: string, endpoint: string): Promise<string> {
  const { id, path } = API_URL.exec(url)?.groups ?? {};
  const known = id !== undefined && (await isLocalStack(endpoint));
  return known ? `${endpoint}/_aws/execute-api/${id}${path}` : url;
}

async function isLocalStack(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/_localstack/health`);
  await answer.arrayBuffer();
  return answer.ok;
}
