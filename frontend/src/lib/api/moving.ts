// Who lives where: other addresses of people and groups, and moving.
import { ask, client } from './client.ts';

/** What can be decided about where somebody lives. */
export interface House {
	aliases(): Promise<string[]>;
	setAliases(aliases: string[]): Promise<string[]>;
	move(target: string): Promise<unknown>;
	stay(): Promise<unknown>;
}

type Named = Promise<{ aliases: string[] }>;
const names = async (answer: Named): Promise<string[]> => (await answer).aliases;

export const myHouse: House = {
	aliases: () => names(ask(client.GET('/me/aliases'))),
	setAliases: (aliases) => names(ask(client.PUT('/me/aliases', { body: { aliases } }))),
	move: (target) => ask(client.POST('/me/move', { body: { target } })),
	stay: () => ask(client.DELETE('/me/move'))
};

export const groupHouse = (group: string): House => {
	const params = { path: { group } };
	return {
		aliases: () => names(ask(client.GET('/groups/{group}/aliases', { params }))),
		setAliases: (aliases) => names(ask(client.PUT('/groups/{group}/aliases', { params, body: { aliases } }))),
		move: (target) => ask(client.POST('/groups/{group}/move', { params, body: { target } })),
		stay: () => ask(client.DELETE('/groups/{group}/move', { params }))
	};
};

/** Takes a thread to another group that one moderates. */
export const moveThread = (id: number, group: string, reason?: string): Promise<unknown> =>
	ask(client.POST('/posts/{id}/group', { params: { path: { id } }, body: { group, reason } }));
