// Calls the client for a test: a line of JSON in names a method and its arguments, a line out has what came of it.
import readline from "node:readline";
import Conductor from "conductor-node";

const conductor = new Conductor(process.env.SECRET_KEY);

/** Every method of `qbd`, as `object.operation`. */
function methods() {
  const found = [];
  for (const [object, operations] of Object.entries(conductor.qbd)) {
    for (const [operation, method] of Object.entries(operations)) {
      if (typeof method === "function" && object !== "httpClient") found.push(`${object}.${operation}`);
    }
  }
  return found;
}

async function call({ method, args }) {
  if (method === "methods") return methods();
  const path = method.split(".");
  const name = path.pop();
  const target = path.reduce((value, step) => value[step], conductor);
  return await target[name](...args);
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { value: await call(JSON.parse(line)) };
  } catch (error) {
    const { type, rawType, code, integrationCode, httpStatusCode, message, userFacingMessage, requestId } = error;
    const shown = { type, rawType, code, integrationCode, httpStatusCode, message, userFacingMessage, requestId };
    answer = { error: { ...shown, isInstance: error instanceof Conductor.ConductorError, name: error.name } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
