// What only the screens about mail and about the people of this server say.
import { add } from './index.ts';
import words from './people.json' with { type: 'json' };

add(words);
