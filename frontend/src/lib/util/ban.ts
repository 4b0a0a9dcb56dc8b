// Until when somebody is banned, for what may be shown to them.

/** When their ban from a group ends, if one holds now. */
export function bannedUntil(
	group: { membership?: { banned_until?: string | null } | null },
	now: Date = new Date()
): string | undefined {
	const until = group.membership?.banned_until;
	return until && new Date(until) > now ? until : undefined;
}

/** Whether a ban has no end: such bans hold until the year 9999. */
export const forGood = (until: string): boolean => until.startsWith('9999');
