// What only reports and warnings say.
import { add } from './index.ts';
import words from './reports.json' with { type: 'json' };

add(words);
