// A mail server for stories: it takes every letter that it is handed by real
// SMTP, and a story reads them.
import { createServer } from 'node:net';

const patience = 10_000;

/** Starts a mail server on a free port, and ends it after t. */
export async function postbox(t) {
	const letters = [];
	const talks = new Set();
	const server = createServer((socket) => {
		talks.add(socket);
		socket.on('close', () => talks.delete(socket));
		socket.on('error', () => socket.destroy());
		talk(socket, (letter) => letters.push(letter));
	});
	await new Promise((resolve, reject) => server.once('error', reject).listen(0, 'localhost', resolve));
	t.after(() => {
		for (const socket of talks) socket.destroy();
		return new Promise((resolve) => server.close(resolve));
	});

	/** Waits for a letter to an address, under a subject, and takes it out. */
	async function take(to, subject) {
		for (const end = Date.now() + patience; ; ) {
			const at = letters.findIndex((letter) => letter.to === to && letter.subject === subject);
			if (at >= 0) return letters.splice(at, 1)[0];
			if (Date.now() > end) {
				const there = letters.map((letter) => `“${letter.subject}” to ${letter.to}`);
				throw new Error(`no letter “${subject}” to ${to} came; there are: ${there.join(', ') || 'none'}`);
			}
			await new Promise((later) => setTimeout(later, 50));
		}
	}
	return { take, left: () => letters.length, settings: { DRYSTONE_SMTP: `smtp://localhost:${server.address().port}` } };
}

/** Speaks SMTP with one client, as far as handing letters over needs it. */
function talk(socket, deliver) {
	let unread = '';
	let to = '';
	let lines; // of the letter that is being handed over
	const say = (line) => socket.write(`${line}\r\n`);
	const commands = {
		DATA: () => {
			lines = [];
			say('354 go on');
		},
		RCPT: (line) => {
			to = /<(.*)>/.exec(line)[1];
			say('250 known');
		},
		QUIT: () => socket.end('221 good bye\r\n')
	};
	const read = (line) => {
		if (!lines) {
			const command = commands[line.slice(0, 4).toUpperCase()];
			if (command) command(line);
			else say('250 well');
			return;
		}
		if (line !== '.') {
			lines.push(line.startsWith('.') ? line.slice(1) : line);
			return;
		}
		deliver(letterOf(to, lines.join('\n')));
		lines = undefined;
		say('250 taken');
	};
	say('220 postbox');
	socket.setEncoding('latin1');
	socket.on('data', (data) => {
		unread += data;
		for (let end; (end = unread.indexOf('\r\n')) >= 0; ) {
			const line = unread.slice(0, end);
			unread = unread.slice(end + 2);
			read(line);
		}
	});
}

/** A header's words, where they are more than ASCII (RFC 2047). */
function worded(text) {
	const decode = (_, way, word) => {
		if (way.toLowerCase() === 'b') return Buffer.from(word, 'base64').toString('latin1');
		return word.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
	};
	const joined = text.replace(/\?= +=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, decode);
	return Buffer.from(joined, 'latin1').toString();
}

/** What of a letter a story asks for: its subject, its text, its link, and its headers by their name. */
function letterOf(to, source) {
	const plain = source.slice(source.search(/^Content-Type: text\/plain/im));
	const text = plain
		.slice(plain.indexOf('\n\n') + 2)
		.split(/^--/m)[0]
		.replace(/=\n/g, '')
		.replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
	const head = source.slice(0, source.indexOf('\n\n')).replace(/\n[ \t]+/g, ' ');
	return {
		to,
		header: (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1],
		subject: worded(/^Subject: *(.*)$/im.exec(head)?.[1] ?? ''),
		text: Buffer.from(text, 'latin1').toString(),
		link: /https?:\/\/\S+[?&]token=[\w-]+/.exec(text)?.[0]
	};
}
