// What a program may be for, the most harmless first.
import '#lib/i18n/apps.ts';

export const scopes = ['read', 'write', 'messages', 'moderate', 'administer', 'account'] as const;
export type Scope = (typeof scopes)[number];

const known = (scope: string): Scope => (scopes as readonly string[]).includes(scope) ? (scope as Scope) : 'read';

/** The key of a scope's name. */
export const label = (scope: string): `scope.${Scope}` => `scope.${known(scope)}`;

/** The key of what it means. */
export const hint = (scope: string): `scope.${Scope}.hint` => `scope.${known(scope)}.hint`;
