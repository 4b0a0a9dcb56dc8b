// Levels order the roles of a place, from 1 to 9. Three of them have names.
import { t } from '../i18n/index.ts';
import '../i18n/roles.ts';

const highest = 9;
const named: Record<number, 'helper' | 'steward' | 'lead'> = { 2: 'helper', 5: 'steward', 8: 'lead' };

/** What a level is called. */
export const levelName = (level: number): string => {
	const name = named[level];
	return name ? t(`roles.level.${name}`, { n: level }) : t('roles.level.n', { n: level });
};

/** The levels that somebody can give who gives those below one. */
export const levelsBelow = (below: number): number[] =>
	Array.from({ length: Math.max(0, Math.min(highest, below - 1)) }, (_, i) => i + 1);
