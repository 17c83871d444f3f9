"""The part of Shopify's Admin schema (2026-07) that the simulator serves.

`connection X` stands for XConnection and XEdge.  Fields, arguments and
nullability are the service's; test_simulator.py compares them with the
service's introspection where MOMENTUM_SPECS has it.
"""

import re

PAGING = "after: String, before: String, first: Int, last: Int, reverse: Boolean = false"
SEARCH = PAGING + ", query: String"

TEXT = """
interface Node { id: ID! }
interface Event { id: ID! action: String! createdAt: DateTime! message: FormattedString! appTitle:
  String }

type QueryRoot {
  shop: Shop!
  currentAppInstallation: AppInstallation!
  orders(%SEARCH%, sortKey: OrderSortKeys = PROCESSED_AT, savedSearchId: ID): OrderConnection!
  ordersCount(query: String, limit: Int = 10000, savedSearchId: ID): Count
  order(id: ID!): Order
  refund(id: ID!): Refund
  customers(%SEARCH%, sortKey: CustomerSortKeys = ID): CustomerConnection!
  customersCount(query: String, limit: Int = 10000): Count
  customer(id: ID!): Customer
  products(%SEARCH%, sortKey: ProductSortKeys = ID, savedSearchId: ID): ProductConnection!
  productsCount(query: String, limit: Int = 10000, savedSearchId: ID): Count
  product(id: ID!): Product
  productVariants(%SEARCH%, sortKey: ProductVariantSortKeys = ID, savedSearchId: ID):
  ProductVariantConnection!
  productVariantsCount(query: String, limit: Int = 10000): Count
  productVariant(id: ID!): ProductVariant
  inventoryItems(%SEARCH%): InventoryItemConnection!
  inventoryItem(id: ID!): InventoryItem
  inventoryLevel(id: ID!): InventoryLevel
  locations(%SEARCH%, sortKey: LocationSortKeys = NAME, includeInactive: Boolean = false,
  includeLegacy: Boolean = false): LocationConnection!
  location(id: ID): Location
  subscriptionContracts(%SEARCH%, sortKey: SubscriptionContractsSortKeys = CREATED_AT):
  SubscriptionContractConnection!
  subscriptionContract(id: ID!): SubscriptionContract
  events(%SEARCH%, sortKey: EventSortKeys = ID): EventConnection
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  shopifyqlQuery(query: String!): ShopifyqlQueryResponse
  bulkOperation(id: ID!): BulkOperation
}

enum OrderSortKeys { CREATED_AT CURRENT_TOTAL_PRICE CUSTOMER_NAME DESTINATION FINANCIAL_STATUS
  FULFILLMENT_STATUS ID ORDER_NUMBER PO_NUMBER PROCESSED_AT RELEVANCE TOTAL_ITEMS_QUANTITY
  TOTAL_PRICE UPDATED_AT }
enum CustomerSortKeys { CREATED_AT ID LOCATION NAME RELEVANCE UPDATED_AT }
enum ProductSortKeys { CREATED_AT ID INVENTORY_TOTAL PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE
  UPDATED_AT VENDOR }
enum ProductVariantSortKeys { FULL_TITLE ID INVENTORY_LEVELS_AVAILABLE INVENTORY_MANAGEMENT
  INVENTORY_POLICY INVENTORY_QUANTITY NAME POPULAR POSITION RELEVANCE SKU TITLE }
enum LocationSortKeys { ID NAME RELEVANCE }
enum SubscriptionContractsSortKeys { CREATED_AT ID STATUS UPDATED_AT }
enum EventSortKeys { CREATED_AT ID }

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor:
  String }
type Count { count: Int! precision: CountPrecision! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type ShopPlan { displayName: String! publicDisplayName: String! shopifyPlus: Boolean!
  partnerDevelopment: Boolean! }
type Shop implements Node {
  id: ID! name: String! myshopifyDomain: String! currencyCode: CurrencyCode! ianaTimezone: String!
  timezoneOffset: String! timezoneOffsetMinutes: Int!
  taxesIncluded: Boolean! plan: ShopPlan! createdAt: DateTime! updatedAt: DateTime!
  enabledPresentmentCurrencies: [CurrencyCode!]! email: String! }
type AccessScope { handle: String! description: String! }
type AppInstallation implements Node { id: ID! accessScopes: [AccessScope!]! }

type Order implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String! number: Int! createdAt: DateTime!
  updatedAt: DateTime! processedAt: DateTime! closedAt: DateTime
  cancelledAt: DateTime cancelReason: OrderCancelReason test: Boolean! confirmed: Boolean! closed:
  Boolean! edited: Boolean! currencyCode: CurrencyCode!
  presentmentCurrencyCode: CurrencyCode! taxesIncluded: Boolean! displayFinancialStatus:
  OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus! totalPriceSet: MoneyBag! originalTotalPriceSet: MoneyBag!
  currentTotalPriceSet: MoneyBag! subtotalPriceSet: MoneyBag
  currentSubtotalPriceSet: MoneyBag! totalDiscountsSet: MoneyBag currentTotalDiscountsSet:
  MoneyBag! totalShippingPriceSet: MoneyBag! totalTaxSet: MoneyBag
  currentTotalTaxSet: MoneyBag! totalRefundedSet: MoneyBag! totalRefundedShippingSet: MoneyBag!
  netPaymentSet: MoneyBag! totalReceivedSet: MoneyBag! totalOutstandingSet: MoneyBag!
  totalTipReceivedSet: MoneyBag! discountCode: String discountCodes: [String!]! email: String
  phone: String note: String tags: [String!]! poNumber: String sourceName: String
  sourceIdentifier: String app: OrderApp paymentGatewayNames: [String!]! customer: Customer
  shippingAddress: MailingAddress billingAddress: MailingAddress
  shippingLine: ShippingLine fulfillments(first: Int, query: String): [Fulfillment!]!
  lineItems(%PAGING%): LineItemConnection! refunds(first: Int): [Refund!]! customerJourneySummary:
  CustomerJourneySummary
  subtotalLineItemsQuantity: Int! currentSubtotalLineItemsQuantity: Int! totalWeight:
  UnsignedInt64 statusPageUrl: URL! }
type ShippingLine { id: ID title: String! code: String source: String isRemoved: Boolean!
  originalPriceSet: MoneyBag! discountedPriceSet: MoneyBag! }
type Fulfillment implements Node { id: ID! legacyResourceId: UnsignedInt64! name: String! status:
  FulfillmentStatus! displayStatus: FulfillmentDisplayStatus createdAt: DateTime! updatedAt:
  DateTime! inTransitAt: DateTime deliveredAt: DateTime totalQuantity: Int!
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]! }
type FulfillmentTrackingInfo { company: String number: String url: URL }
type OrderApp { id: ID! name: String! }
type CustomerJourneySummary { ready: Boolean! customerOrderIndex: Int daysToConversion: Int
  firstVisit: CustomerVisit lastVisit: CustomerVisit }
type CustomerVisit implements Node { id: ID! source: String! sourceType: MarketingTactic
  landingPage: URL referrerUrl: URL occurredAt: DateTime! utmParameters: UTMParameters }
type UTMParameters { source: String medium: String campaign: String content: String term: String }
type LineItem implements Node {
  id: ID! title: String! name: String! sku: String vendor: String variantTitle: String quantity:
  Int! currentQuantity: Int! refundableQuantity: Int!
  originalUnitPriceSet: MoneyBag! originalTotalSet: MoneyBag! discountedUnitPriceSet: MoneyBag!
  discountedTotalSet(withCodeDiscounts: Boolean = false): MoneyBag!
  discountedUnitPriceAfterAllDiscountsSet: MoneyBag! totalDiscountSet: MoneyBag!
  discountAllocations: [DiscountAllocation!]! taxable: Boolean! requiresShipping: Boolean!
  isGiftCard: Boolean! product: Product variant: ProductVariant sellingPlan: LineItemSellingPlan }
type LineItemSellingPlan { name: String! sellingPlanId: ID }
type DiscountAllocation { allocatedAmountSet: MoneyBag! }
type Refund implements Node {
  id: ID! legacyResourceId: UnsignedInt64! createdAt: DateTime processedAt: DateTime! updatedAt:
  DateTime! note: String order: Order! totalRefundedSet: MoneyBag!
  refundLineItems(%PAGING%): RefundLineItemConnection! orderAdjustments(%PAGING%):
  OrderAdjustmentConnection! refundShippingLines(%PAGING%): RefundShippingLineConnection! }
type RefundLineItem { id: ID quantity: Int! lineItem: LineItem! priceSet: MoneyBag! subtotalSet:
  MoneyBag! totalTaxSet: MoneyBag! restockType: RefundLineItemRestockType! restocked: Boolean!
  location: Location }
type OrderAdjustment implements Node { id: ID! reason: OrderAdjustmentDiscrepancyReason amountSet:
  MoneyBag! taxAmountSet: MoneyBag! }
type RefundShippingLine implements Node { id: ID! subtotalAmountSet: MoneyBag! taxAmountSet:
  MoneyBag! }

type Customer implements Node {
  id: ID! legacyResourceId: UnsignedInt64! createdAt: DateTime! updatedAt: DateTime! firstName:
  String lastName: String displayName: String! email: String phone: String
  defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber
  numberOfOrders: UnsignedInt64! amountSpent: MoneyV2! lastOrder: Order state: CustomerState!
  tags: [String!]! defaultAddress: MailingAddress productSubscriberStatus:
  CustomerProductSubscriberStatus! locale: String! note: String taxExempt: Boolean! verifiedEmail:
  Boolean!
  orders(%SEARCH%, sortKey: OrderSortKeys = ID): OrderConnection! }
type CustomerEmailAddress { emailAddress: String! marketingState:
  CustomerEmailAddressMarketingState! marketingOptInLevel: CustomerMarketingOptInLevel
  marketingUpdatedAt: DateTime validFormat: Boolean! }
type CustomerPhoneNumber { phoneNumber: String! marketingState: CustomerSmsMarketingState!
  marketingOptInLevel: CustomerMarketingOptInLevel marketingUpdatedAt: DateTime }
type MailingAddress implements Node { id: ID! city: String province: String provinceCode: String
  country: String countryCodeV2: CountryCode zip: String }

type Product implements Node {
  id: ID! legacyResourceId: UnsignedInt64! title: String! handle: String! vendor: String!
  productType: String! status: ProductStatus! tags: [String!]! createdAt: DateTime!
  updatedAt: DateTime! publishedAt: DateTime totalInventory: Int! tracksInventory: Boolean!
  isGiftCard: Boolean! variantsCount: Count
  variants(%PAGING%, sortKey: ProductVariantSortKeys = POSITION): ProductVariantConnection! }
type ProductVariant implements Node {
  id: ID! legacyResourceId: UnsignedInt64! title: String! displayName: String! sku: String
  barcode: String price: Money! compareAtPrice: Money position: Int! inventoryQuantity: Int
  inventoryPolicy: ProductVariantInventoryPolicy! inventoryItem: InventoryItem! product: Product!
  taxable: Boolean! availableForSale: Boolean! createdAt: DateTime! updatedAt: DateTime!
  sellableOnlineQuantity: Int! }
type InventoryItem implements Node {
  id: ID! legacyResourceId: UnsignedInt64! sku: String tracked: Boolean! requiresShipping:
  Boolean! unitCost: MoneyV2 createdAt: DateTime! updatedAt: DateTime! variant: ProductVariant!
  inventoryLevels(%SEARCH%, includeInactive: Boolean = false): InventoryLevelConnection! }
type InventoryLevel implements Node { id: ID! item: InventoryItem! location: Location! isActive:
  Boolean! createdAt: DateTime! updatedAt: DateTime! quantities(names: [String!]!):
  [InventoryQuantity!]! }
type InventoryQuantity implements Node { id: ID! name: String! quantity: Int! updatedAt: DateTime }
type Location implements Node { id: ID! legacyResourceId: UnsignedInt64! name: String! isActive:
  Boolean! isPrimary: Boolean! fulfillsOnlineOrders: Boolean! shipsInventory: Boolean! createdAt:
  DateTime! updatedAt: DateTime!
  inventoryLevels(%SEARCH%, includeInactive: Boolean = false): InventoryLevelConnection! }

type SubscriptionContract implements Node {
  id: ID! status: SubscriptionContractSubscriptionStatus! createdAt: DateTime! updatedAt:
  DateTime! nextBillingDate: DateTime currencyCode: CurrencyCode! customer: Customer originOrder:
  Order
  lastPaymentStatus: SubscriptionContractLastPaymentStatus billingPolicy:
  SubscriptionBillingPolicy! deliveryPolicy: SubscriptionDeliveryPolicy! deliveryPrice: MoneyV2!
  lineCount: Int! note: String lines(%PAGING%): SubscriptionLineConnection! }
type SubscriptionBillingPolicy { interval: SellingPlanInterval! intervalCount: Int! }
type SubscriptionDeliveryPolicy { interval: SellingPlanInterval! intervalCount: Int! }
type SubscriptionLine { id: ID! title: String! sellingPlanId: ID sellingPlanName: String
  productId: ID variantId: ID sku: String variantTitle: String quantity: Int! currentPrice:
  MoneyV2! lineDiscountedPrice: MoneyV2! }

type BasicEvent implements Event & Node { id: ID! action: String! createdAt: DateTime! message:
  FormattedString! appTitle: String subjectId: ID! subjectType: EventSubjectType! }

type ShopifyqlQueryResponse { parseErrors: [String!]! tableData: ShopifyqlTableData }
type ShopifyqlTableData { columns: [ShopifyqlTableDataColumn!]! rows: JSON! }
type ShopifyqlTableDataColumn { name: String! dataType: ColumnDataType! displayName: String!
  subType: ColumnDataType }

type Mutation {
  bulkOperationRunQuery(query: String!, groupObjects: Boolean! = false):
  BulkOperationRunQueryPayload
  bulkOperationCancel(id: ID!): BulkOperationCancelPayload }
type BulkOperation implements Node { id: ID! type: BulkOperationType! status: BulkOperationStatus!
  errorCode: BulkOperationErrorCode createdAt: DateTime! completedAt: DateTime objectCount:
  UnsignedInt64! rootObjectCount: UnsignedInt64! fileSize: UnsignedInt64 url: URL partialDataUrl:
  URL query: String! }
type BulkOperationUserError { code: BulkOperationUserErrorCode field: [String!] message: String! }
type UserError { field: [String!] message: String! }
type BulkOperationRunQueryPayload { bulkOperation: BulkOperation userErrors:
  [BulkOperationUserError!]! }
type BulkOperationCancelPayload { bulkOperation: BulkOperation userErrors: [UserError!]! }

connection Order
connection LineItem
connection RefundLineItem
connection OrderAdjustment
connection RefundShippingLine
connection Customer
connection Product
connection ProductVariant
connection InventoryItem
connection InventoryLevel
connection Location
connection SubscriptionContract
connection SubscriptionLine
connection Event
"""


def schema_text():
    text = TEXT.replace("%PAGING%", PAGING).replace("%SEARCH%", SEARCH)
    return re.sub(r"(?m)^connection (\w+)$",
                  r"type \1Connection { edges: [\1Edge!]! nodes: [\1!]! pageInfo: PageInfo! }"
                  "\n" r"type \1Edge { cursor: String! node: \1! }", text)
