import { environmentContract } from '../src/environment/environment.contract.ts';
import { startInstalledCell, startRestoredCell } from './contract-subjects.ts';

environmentContract('cell, restored', startRestoredCell);
environmentContract('cell, installed anew', startInstalledCell);
