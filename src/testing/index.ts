export type { ContractTest, ObjectStoreContractOptions } from './contract-test.js';
export { objectStoreContract } from './object-store-contract.js';
