// What only the settings and moving house say.
import { add } from './index.ts';
import words from './settings.json' with { type: 'json' };

add(words);
