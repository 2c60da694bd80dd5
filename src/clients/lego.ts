import { legoVersion } from '../components/index.ts';
import { libraryClient } from './library-client.ts';

export const lego = libraryClient({
  ...{ id: 'lego', title: 'lego', version: legoVersion, rootsVariable: 'LEGO_CA_CERTIFICATES' },
});
