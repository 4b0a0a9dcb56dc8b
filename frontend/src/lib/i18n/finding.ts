// What only those pages say on which people look for something.
import { add } from './index.ts';
import words from './finding.json' with { type: 'json' };

add(words);
