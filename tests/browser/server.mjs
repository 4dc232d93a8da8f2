// A `spot serve` of the test's own: free port, token of its making, stopped by process id.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Serves `data`; `env` is what a notebook needs to ask it. */
export async function startServer({ programs, data, context }) {
  const words = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--context", context];
  const child = spawn(join(programs, "spot"), words, { stdio: ["ignore", "pipe", "inherit"] });
  const env = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value] = line.split(/=(.*)/s);
    env[name] = value;
    if (env.SPOT_DATA && env.SPOT_TOKEN) break;
  }
  if (!env.SPOT_TOKEN) throw new Error(`spot serve ended with ${child.exitCode}`);
  const stop = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { env, stop };
}
