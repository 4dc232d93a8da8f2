// A `spot serve` of the test's own: free port, token of its making, stopped by process id.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

async function start({ programs, data, context, listen = "127.0.0.1:0", token }) {
  const words = ["serve", "--listen", listen, "--data", data, "--context", context];
  const env = { ...process.env, ...(token && { SPOT_TOKEN: token }) };
  const child = spawn(join(programs, "spot"), words, { env, stdio: ["ignore", "pipe", "inherit"] });
  const said = token ? { SPOT_TOKEN: token } : {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value] = line.split(/=(.*)/s);
    said[name] = value;
    if (said.SPOT_DATA && said.SPOT_TOKEN) break;
  }
  if (!said.SPOT_DATA) throw new Error(`spot serve ended with ${child.exitCode}`);
  return { child, said };
}

async function end(child, signal) {
  // One that has ended does so no more.
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

/** Serves `data`; `env` is what a notebook needs to ask it. */
export async function startServer(what) {
  let { child, said } = await start(what);
  return {
    env: said,
    /** It takes questions, and never answers. */
    freeze: () => child.kill("SIGSTOP"),
    kill: () => end(child, "SIGKILL"),
    /** At the same place, with the same token. */
    again: async () => {
      const { host } = new URL(said.SPOT_DATA);
      ({ child } = await start({ ...what, listen: host, token: said.SPOT_TOKEN }));
    },
    stop: () => end(child, "SIGTERM"),
  };
}
