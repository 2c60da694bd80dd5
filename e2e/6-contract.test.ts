import { environmentContract } from '../src/environment/environment.contract.ts';
import { startCellSubject } from './contract-subjects.ts';

environmentContract('cell', startCellSubject);
