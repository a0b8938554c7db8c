import "@aws-sdk/client-sqs";
export const useCase = 1;
