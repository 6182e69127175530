/**
 * What runs inside an execution environment: loads the handler, then takes one invocation after another from
 * the Lambda Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) until it is killed.
 * Plain JavaScript, so that a cold start does not pay for type stripping.
 */
import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import Module from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const env = process.env;
skewClock(Number(env.MILLRACE_LOCAL_CLOCK_SKEW_MS ?? 0));
const base = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const now = () => performance.timeOrigin + performance.now();

/** Sets this environment's clock wrong, as asked for by a fault: everything that runs here reads its Date. */
function skewClock(milliseconds) {
  if (milliseconds === 0) return;
  const { Date: TrueDate } = globalThis;
  const now = () => TrueDate.now() + milliseconds;
  globalThis.Date = class extends TrueDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given));
    }
    static now() {
      return now();
    }
  };
}

/** One request to the Runtime API; resolves with the answer's headers and whole body. */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const outgoing = request(`${base}${path}`, { method, agent, headers }, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks) }));
    });
    outgoing.on("error", (error) => {
      // a handler may run longer than the server keeps an idle connection; a new one serves as well
      if (outgoing.reusedSocket && error.code === "ECONNRESET")
        call(method, path, body).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });
}

function describe(thrown) {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    trace: (thrown.stack ?? "").split("\n"),
  };
}

/** An error of the runtime's own, named as AWS's Node runtime names it. */
function runtimeError(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/**
 * A `.js` file without a package.json beside it is CommonJS in /var/task. Here the project's package.json lies
 * above the asset and may say "module", so that Node's own lookup would read it as an ES module.
 */
function requireAsCommonJs(file) {
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(dirname(file));
  module._compile(readFileSync(file, "utf8"), file);
  return module.exports;
}

async function loadHandler() {
  const root = env.LAMBDA_TASK_ROOT;
  const dot = env._HANDLER.lastIndexOf(".");
  const [path, name] = [env._HANDLER.slice(0, dot), env._HANDLER.slice(dot + 1)];
  const file = [".js", ".mjs", ".cjs"].map((end) => join(root, path + end)).find(existsSync);
  if (file === undefined)
    throw runtimeError("Runtime.ImportModuleError", `Error: Cannot find module '${path}'`);
  const commonJs = file.endsWith(".js") && !existsSync(join(root, "package.json"));
  const loaded = commonJs ? requireAsCommonJs(file) : await import(pathToFileURL(file).href);
  const handler = loaded[name] ?? loaded.default?.[name];
  if (typeof handler !== "function")
    throw runtimeError("Runtime.HandlerNotFound", `${env._HANDLER} is undefined or not exported`);
  if (handler.length >= 3)
    throw runtimeError("Runtime.CallbackHandlerDeprecated", "Node 24 on Lambda takes no callback handlers");
  return handler;
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
  };
}

async function serve(handler) {
  for (;;) {
    const next = await call("GET", "/invocation/next");
    const context = contextOf(next.headers);
    const invocation = `/invocation/${context.awsRequestId}`;
    let answer;
    try {
      const result = await handler(JSON.parse(next.body.toString()), context);
      answer = [`${invocation}/response`, JSON.stringify(result) ?? "null"];
    } catch (thrown) {
      process.stderr.write(`Invoke Error ${thrown?.stack ?? thrown}\n`);
      answer = [`${invocation}/error`, JSON.stringify(describe(thrown))];
    }
    await call("POST", ...answer);
  }
}

async function start() {
  try {
    return await loadHandler();
  } catch (thrown) {
    process.stderr.write(`Init Error ${thrown?.stack ?? thrown}\n`);
    await call("POST", "/init/error", JSON.stringify(describe(thrown)));
    return undefined;
  }
}

try {
  const handler = await start();
  if (handler === undefined) process.exit(1);
  await serve(handler);
} catch (thrown) {
  // The Runtime API is gone: the cloud was stopped. Nobody is left to tell, and an orphan must not stay.
  process.stderr.write(`Runtime API unreachable: ${thrown}\n`);
  process.exit(1);
}
