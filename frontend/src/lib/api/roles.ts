// Roles in a group, or, without one, on this server; and whose a group is to be.
import { ask, client } from './client.ts';
import type { components } from './schema.gen';

type S = components['schemas'];
export type NamedRole = S['NamedRole'];
export type Grant = S['Grant'];
export type RoleBoard = S['RoleBoard'];
export type RoleDraft = S['RoleDraft'];
export type GrantDraft = S['GrantDraft'];
export type GrantChange = S['GrantChange'];
export type Keeping = S['Keeping'];
export type Orphan = S['Orphan'];
export type Orphans = S['ListOrphan'];

const at = (group: string) => ({ path: { group } });
const one = (group: string, id: number) => ({ path: { group, id } });

export const roleBoard = (group?: string): Promise<RoleBoard> =>
	group ? ask(client.GET('/groups/{group}/roles', { params: at(group) })) : ask(client.GET('/admin/roles'));

export const createRole = (group: string | undefined, body: RoleDraft): Promise<NamedRole> =>
	group
		? ask(client.POST('/groups/{group}/roles', { params: at(group), body }))
		: ask(client.POST('/admin/roles', { body }));

export const changeRole = (group: string | undefined, id: number, body: RoleDraft): Promise<NamedRole> =>
	group
		? ask(client.PUT('/groups/{group}/roles/{id}', { params: one(group, id), body }))
		: ask(client.PUT('/admin/roles/{id}', { params: { path: { id } }, body }));

export const dropRole = (group: string | undefined, id: number): Promise<unknown> =>
	group
		? ask(client.DELETE('/groups/{group}/roles/{id}', { params: one(group, id) }))
		: ask(client.DELETE('/admin/roles/{id}', { params: { path: { id } } }));

export const giveRole = (group: string | undefined, body: GrantDraft): Promise<Grant> =>
	group
		? ask(client.POST('/groups/{group}/grants', { params: at(group), body }))
		: ask(client.POST('/admin/grants', { body }));

export const renewRole = (group: string | undefined, id: number, body: GrantChange): Promise<Grant> =>
	group
		? ask(client.PUT('/groups/{group}/grants/{id}', { params: one(group, id), body }))
		: ask(client.PUT('/admin/grants/{id}', { params: { path: { id } }, body }));

export const endRole = (group: string | undefined, id: number): Promise<unknown> =>
	group
		? ask(client.DELETE('/groups/{group}/grants/{id}', { params: one(group, id) }))
		: ask(client.DELETE('/admin/grants/{id}', { params: { path: { id } } }));

export const keeping = (group: string): Promise<Keeping> =>
	ask(client.GET('/groups/{group}/keeping', { params: at(group) }));

export const offerGroup = (group: string, person: string): Promise<unknown> =>
	ask(client.PUT('/groups/{group}/handover', { params: at(group), body: { person } }));

export const declineGroup = (group: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/handover', { params: at(group) }));

export const acceptGroup = (group: string): Promise<unknown> =>
	ask(client.POST('/groups/{group}/handover/accept', { params: at(group) }));

export const claimGroup = (group: string, reason: string): Promise<unknown> =>
	ask(client.PUT('/groups/{group}/claim', { params: at(group), body: { reason } }));

export const unclaimGroup = (group: string): Promise<unknown> =>
	ask(client.DELETE('/groups/{group}/claim', { params: at(group) }));

export const orphans = (cursor?: string): Promise<Orphans> =>
	ask(client.GET('/admin/orphans', { params: { query: { cursor, limit: 50 } } }));

export const handOutGroup = (group: string, person: string, reason?: string): Promise<unknown> =>
	ask(client.PUT('/admin/groups/{group}/owner', { params: at(group), body: { person, reason } }));

export const refuseClaim = (id: number): Promise<unknown> =>
	ask(client.POST('/admin/claims/{id}/refusal', { params: { path: { id } }, body: {} }));
