// A server of a story's own, with settings that the shared ones do not have.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A port of localhost that is free. */
export const freePort = () =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, 'localhost', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});

/**
 * Starts a server on an empty SQLite database with DRYSTONE_* settings, and
 * ends it after t. run calls the program beside it, with words and what it
 * reads, and gives what it printed.
 */
export async function ownServer(t, settings = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'drystone-own-'));
	const port = await freePort();
	const base = `http://localhost:${port}`;
	const env = {
		...process.env,
		DRYSTONE_HOST: `localhost:${port}`,
		DRYSTONE_LISTEN: `localhost:${port}`,
		DRYSTONE_LOG: 'warn',
		DRYSTONE_LIMITS: '100',
		DRYSTONE_DATABASE: `sqlite:${folder}/drystone.db`,
		DRYSTONE_MEDIA: `file:${folder}/media`,
		DRYSTONE_ALLOW_RANGES: '127.0.0.0/8,::1/128',
		...settings
	};
	const program = (...args) =>
		spawn(new URL('../../bin/drystone', import.meta.url).pathname, args, { env, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
	const server = program('serve');
	let said = '';
	for (const stream of [server.stdout, server.stderr]) stream.on('data', (data) => (said += data));
	const ended = new Promise((resolve) => server.once('exit', resolve));
	t.after(async () => {
		server.kill();
		await ended;
		await rm(folder, { recursive: true, force: true });
	});
	for (;;) {
		if (server.exitCode !== null) throw new Error(`the server did not start:\n${said}`);
		const ready = await fetch(`${base}/readyz`).catch(() => undefined);
		if (ready?.ok) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	const run = (args, input = '') =>
		new Promise((resolve, reject) => {
			const command = program(...args);
			let out = '';
			let wrong = '';
			command.stdout.on('data', (data) => (out += data));
			command.stderr.on('data', (data) => (wrong += data));
			command.once('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')}: ${wrong}`))));
			command.stdin.end(input);
		});
	return { base, run, said: () => said };
}
