// Uploads for posts and comments, apart from the other questions: most screens
// never ask them.
import { ask, client } from './client.ts';
import { asProblem, offline, parseProblem } from './problem.ts';
import type { Attachment } from './types.ts';

/** An upload on its way. */
export interface Upload {
	made: Promise<Attachment>;
	stop: () => void;
}

/** Sends a file, and tells how far it is, from 0 to 1: what fetch cannot. */
export function upload(file: Blob, name: string, told: (part: number) => void): Upload {
	const road = new XMLHttpRequest();
	const made = new Promise<Attachment>((resolve, reject) => {
		road.open('POST', '/api/v1/media');
		road.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
		road.onerror = road.onabort = () => reject(offline());
		road.onload = () => {
			let body: unknown = road.responseText;
			try {
				body = JSON.parse(road.responseText);
			} catch {
				// a proxy's page, perhaps
			}
			if (road.status === 201) resolve(body as Attachment);
			else reject(asProblem(parseProblem(road.status, body)));
		};
		const form = new FormData();
		form.append('file', file, name);
		road.send(form);
	});
	return { made, stop: () => road.abort() };
}

export const describe = (id: number, alt: string): Promise<Attachment> =>
	ask(client.PATCH('/media/{id}', { params: { path: { id } }, body: { alt } }));

export const discard = (id: number): Promise<unknown> => ask(client.DELETE('/media/{id}', { params: { path: { id } } }));
