// A Jupyter of the test's own (JupyterLab, Notebook, Voila): free port, own token, own settings, stopped by
// process id.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";

const PATIENCE = 120_000;

// No news to ask for, and every cell in the page however far away it is.
const SETTINGS = {
  "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
  "notebook-extension/tracker": { windowingMode: "none", autoStartDefaultKernel: false },
};

/**
 * Starts JupyterLab (or `app: "notebook"`) on `folder`. `home` is where this user keeps settings and signatures: another
 * home is another user. `kernels: false` hides the kernel `spot`, as on a reader's machine.
 */
export async function startLab({ bin, folder, home, env = {}, kernels = true, app = "lab" }) {
  const settings = join(home, "settings");
  for (const [name, value] of Object.entries(SETTINGS)) {
    const file = join(settings, "@jupyterlab", `${name}.jupyterlab-settings`);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
  }
  const port = await freePort();
  const token = randomBytes(16).toString("hex");
  const words = [app, "--no-browser", "--ServerApp.ip=127.0.0.1", "--allow-root"];
  words.push(`--ServerApp.port=${port}`, "--ServerApp.port_retries=0");
  words.push(`--IdentityProvider.token=${token}`, `--ServerApp.root_dir=${folder}`);
  if (!kernels) words.push("--KernelSpecManager.allowed_kernelspecs=none-of-them");
  const lab = await started({ program: join(bin, "jupyter"), words, home, env, ready: `http://127.0.0.1:${port}/api?token=${token}` });
  const place = app === "lab" ? "lab/tree" : "notebooks";
  return {
    ...lab,
    page: (notebook) => `http://127.0.0.1:${port}/${place}/${encodeURIComponent(notebook)}?token=${token}`,
  };
}

/** Starts Voila, which shows `notebook` as a page of its own: its outputs alone, run for whoever opens it. */
export async function startVoila({ bin, notebook, home, env = {} }) {
  const port = await freePort();
  const words = [notebook, "--no-browser", "--Voila.ip=127.0.0.1", `--port=${port}`];
  const url = `http://127.0.0.1:${port}/`;
  // Its page is the notebook's run: what it answers at once is asked instead.
  const voila = await started({ program: join(bin, "voila"), words, home, env, ready: `${url}voila/static/main.css`, found: true });
  return { ...voila, page: () => url };
}

async function started({ program, words, home, env, ready, found = false }) {
  const bin = dirname(program);
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...env,
      PATH: bin + delimiter + process.env.PATH,
      JUPYTER_PREFER_ENV_PATH: "1",
      JUPYTER_CONFIG_DIR: join(home, "config"),
      JUPYTER_DATA_DIR: join(home, "data"),
      JUPYTER_RUNTIME_DIR: join(home, "runtime"),
      JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
    },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
  const deadline = Date.now() + PATIENCE;
  while (!(await answers(ready, found))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child);
      throw new Error(`${program} ${words[0]} did not start:\n${log}`);
    }
    await new Promise((wake) => setTimeout(wake, 300));
  }
  return { log: () => log, stop: () => stop(child) };
}

/** Whether there is an answer; with `any`, be it that there is no such thing. */
async function answers(url, any) {
  try {
    return (await fetch(url)).ok || any;
  } catch {
    return false;
  }
}

/** Ends the server, and with it its kernels. */
async function stop(child) {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await gone;
  clearTimeout(kill);
}

function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}
