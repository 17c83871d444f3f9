"""What the fit is told by hand: what a bank's intents are in a shop, which words
do not carry over, sentences of a shop to learn from, and the plain keyword list
that the result is compared with.

None of the sentences is in test/fixtures/triage_retail.csv.
"""

# BANKING77: intent -> category, with the reason.
INTENTS = {
    'Refund_not_showing_up': ('Returns', 'money given back, and where it is'),
    'activate_my_card': ('General', 'help with an account'),
    'age_limit': ('Product Info', 'a condition of the offer'),
    'apple_pay_or_google_pay': ('General', 'means of payment'),
    'atm_support': ('Product Info', 'what the product can do'),
    'automatic_top_up': ('Product Info', 'what the product can do'),
    'balance_not_updated_after_bank_transfer': ('Shipping', 'sent and not there yet'),
    'balance_not_updated_after_cheque_or_cash_deposit': ('Shipping', 'sent and not there yet'),
    'beneficiary_not_allowed': ('Complaints', 'something is refused'),
    'cancel_transfer': ('Returns', 'calling off'),
    'card_about_to_expire': ('General', 'help with an account'),
    'card_acceptance': ('Product Info', 'what the product can do'),
    'card_arrival': ('Shipping', 'where is it'),
    'card_delivery_estimate': ('Shipping', 'when does it come'),
    'card_linking': ('General', 'help with an account'),
    'card_not_working': ('Complaints', 'a defect'),
    'card_payment_fee_charged': ('Complaints', 'charged what was not expected'),
    'card_payment_not_recognised': ('Complaints', 'charged without having bought'),
    'card_payment_wrong_exchange_rate': ('Complaints', 'charged too much'),
    'card_swallowed': ('Complaints', 'something is gone'),
    'cash_withdrawal_charge': ('Complaints', 'charged what was not expected'),
    'cash_withdrawal_not_recognised': ('Complaints', 'charged without having bought'),
    'change_pin': ('General', 'help with an account'),
    'compromised_card': ('Complaints', 'fraud'),
    'contactless_not_working': ('Complaints', 'a defect'),
    'country_support': ('Product Info', 'a condition of the offer'),
    'declined_card_payment': ('Complaints', 'something fails'),
    'declined_cash_withdrawal': ('Complaints', 'something fails'),
    'declined_transfer': ('Complaints', 'something fails'),
    'direct_debit_payment_not_recognised': ('Complaints', 'charged without having bought'),
    'disposable_card_limits': ('Product Info', 'a condition of the offer'),
    'edit_personal_details': ('General', 'help with an account'),
    'exchange_charge': ('Product Info', 'what it costs'),
    'exchange_rate': ('Product Info', 'what it costs'),
    'exchange_via_app': ('Product Info', 'what the product can do'),
    'extra_charge_on_statement': ('Complaints', 'charged what was not expected'),
    'failed_transfer': ('Complaints', 'something fails'),
    'fiat_currency_support': ('Product Info', 'what the product can do'),
    'get_disposable_virtual_card': ('Product Info', 'how to get the product'),
    'get_physical_card': ('General', 'help with an account: most ask for the PIN'),
    'getting_spare_card': ('Product Info', 'how to get the product'),
    'getting_virtual_card': ('Product Info', 'how to get the product'),
    'lost_or_stolen_card': ('Complaints', 'something is gone'),
    'lost_or_stolen_phone': ('General', 'help with an account'),
    'order_physical_card': ('Product Info', 'how to get the product and what it costs'),
    'passcode_forgotten': ('General', 'help with an account'),
    'pending_card_payment': ('General', 'a payment under way'),
    'pending_cash_withdrawal': ('General', 'a payment under way'),
    'pending_top_up': ('Shipping', 'sent and not there yet'),
    'pending_transfer': ('Shipping', 'sent and not there yet'),
    'pin_blocked': ('General', 'help with an account'),
    'receiving_money': ('Product Info', 'what the product can do'),
    'request_refund': ('Returns', 'wants the money back'),
    'reverted_card_payment?': ('Complaints', 'something fails'),
    'supported_cards_and_currencies': ('Product Info', 'what the product can do'),
    'terminate_account': ('General', 'help with an account'),
    'top_up_by_bank_transfer_charge': ('Product Info', 'what it costs'),
    'top_up_by_card_charge': ('Product Info', 'what it costs'),
    'top_up_by_cash_or_cheque': ('Product Info', 'what the product can do'),
    'top_up_failed': ('Complaints', 'something fails'),
    'top_up_limits': ('Product Info', 'a condition of the offer'),
    'top_up_reverted': ('Complaints', 'something fails'),
    'topping_up_by_card': ('Complaints', 'most say that it did not work'),
    'transaction_charged_twice': ('Complaints', 'charged twice'),
    'transfer_fee_charged': ('Complaints', 'charged what was not expected'),
    'transfer_into_account': ('Product Info', 'how it is used'),
    'transfer_not_received_by_recipient': ('Shipping', 'sent and not there yet'),
    'transfer_timing': ('Shipping', 'how long it takes'),
    'unable_to_verify_identity': ('General', 'help with an account'),
    'verify_my_identity': ('General', 'help with an account'),
    'verify_source_of_funds': ('General', 'help with an account'),
    'verify_top_up': ('General', 'help with an account'),
    'virtual_card_not_working': ('Complaints', 'a defect'),
    'visa_or_mastercard': ('Product Info', 'what is offered'),
    'why_verify_identity': ('General', 'help with an account'),
    'wrong_amount_of_cash_received': ('Complaints', 'something is missing'),
    'wrong_exchange_rate_for_cash_withdrawal': ('Complaints', 'charged too much'),
}

# ABCD: flow or subflow -> category.  The subflow is looked for first.
FLOWS = {
    'account_access': 'General', 'manage_account': 'General', 'order_issue': 'Shipping',
    'product_defect': 'Returns', 'purchase_dispute': 'General', 'shipping_issue': 'Shipping',
    'single_item_query': 'Product Info', 'storewide_query': 'General', 'subscription_inquiry': 'General',
    'troubleshoot_site': 'General',
    'status_mystery_fee': 'Complaints', 'manage_cancel': 'Returns', 'manage_create': 'Product Info',
    'out_of_stock_general': 'Product Info', 'out_of_stock_one_item': 'Product Info',
    'bad_price_competitor': 'Complaints', 'bad_price_yesterday': 'Complaints',
    'mistimed_billing_already_returned': 'Complaints', 'mistimed_billing_never_bought': 'Complaints',
    'missing': 'Complaints', 'pricing': 'Product Info', 'manage_dispute_bill': 'Complaints',
    'status_shipping_question': 'Shipping', 'status_quantity': 'Complaints',
}

# Words that mean another thing in a shop, or nothing there: what the bank's
# customers say with them is not learnt.
BANK_WORDS = '''exchange card cards account address order ordered expire phone store stores shop gold
apple location lost stolen name bought buy purchase purchased item items product open'''.split()

SENTENCES = {
    'Shipping': '''where is my order|has my parcel left yet|how long is delivery to brisbane|when can i expect it|
my package has not turned up|it still shows label created|do you post to the united states|what does shipping cost|
which courier delivers it|i would like to change the delivery address|the tracking number does not work|
no movement on the tracking for days|can you send it by express instead|it was supposed to arrive on tuesday|
how many days until it is dispatched|is my order on the way|my order never arrived|delivery is late again|
can i choose a delivery day|do you deliver on weekends|please send it to my work address|postage to canada|
was it shipped|my order is still processing|the driver could not find the house|left with a neighbour|
i never received my shipment|how long will shipping take|delayed in transit|collect from the post office|
estimated arrival date|can it be delivered before christmas|my order has not shipped''',
    'Returns': '''i want to return this|how do i get a refund|please refund me|can i swap it for another size|
what is your return policy|i would like to exchange it|send it back to you|where is my refund|
i want to cancel my order|please cancel the subscription|the return label is not printing|it does not fit him|
i do not need it any more|can i get my money back|how long do refunds take|i sent it back last week|
do i pay for the return|wrong size so i need to exchange|give me a refund|changed my mind|
i bought the wrong one by mistake|can i return opened products|return an item without the receipt|
exchange for a smaller size|store credit instead of a refund|it is too big can i change it for a medium|
refund has not reached my card|cancel before it ships|is the sale item returnable|return address''',
    'Complaints': '''it came broken|the bottle was leaking|you sent the wrong product|an item is missing|
my dog has a rash from it|it stopped working after a week|i am very disappointed|terrible service|
nobody answers my emails|i was charged twice|the box was damaged|it smells off|poor quality|it is defective|
the lid was cracked|this is unacceptable|i want to make a complaint|the spray does not work|overcharged me|
not what i ordered|it fell apart|his skin is red and itchy after using it|the seal was broken|
ruined my towels|the colour is not as in the picture|only half of my order was in the box|it is a scam|
rude staff|worst shampoo ever|left his coat sticky|it is mouldy|past its best before date|
i have written three times without a reply|the handle snapped|it arrived spilled and empty|false advertising|
missing from the parcel|received a faulty one|my cat got sick''',
    'Product Info': '''what are the ingredients|is it safe for puppies|does it have parabens|how do i use it|
how often can i wash my dog|is it in stock|when will it be available again|which shampoo is right for dry skin|
what is the difference between them|does it smell of lavender|what sizes does it come in|how much does it cost|
is it good for sensitive skin|can i use it on my cat|how many ml is the bottle|is it organic|
where is it manufactured|do you have a conditioner for curly coats|will it help with shedding|is it natural|
how much product should i use|does it need rinsing|do you make a travel size|can it be used every day|
is the brush suitable for short hair|what is in the bundle|do you recommend it for old dogs|
does it expire|is it tested on animals|do you sell towels|what material is it|how big is the brush|
is it suitable for allergies|does it kill fleas''',
    'General': '''do you do wholesale|i would like to stock your products in my store|my discount code is not working|
how do i log in|reset my password|unsubscribe from emails|we love your brand|thank you so much|
we would like to work with you|press enquiry|are there any jobs|what are your hours|do you have a store|
can i have an invoice|gift card balance|how do loyalty points work|is there a sale coming|
do you take paypal|which payment methods do you accept|update my email address|close my account|
can you donate to our shelter|i am an influencer and would like to collaborate|he looks so good now|
the website is not loading|checkout gives an error|my coupon was refused|partnership proposal|
best wishes to the team|can i talk to a person|do you have student discount|great job everyone|
my account is locked|promo code expired|follow us back|happy birthday to your dog|sign up for the newsletter''',
}

# A fair keyword list, as somebody would write it in an afternoon.
KEYWORDS = {
    'Shipping': '''ship shipping shipped shipment deliver delivery delivered arrive arrived arriving arrival
parcel package tracking track courier postage post dispatch dispatched transit late delayed''',
    'Returns': '''return returns returned returning refund refunded refunds exchange swap cancel cancelled
cancellation "money back" "send back"''',
    'Complaints': '''broken damaged leaking leaked faulty defective wrong missing complaint disappointed terrible
awful worst charged twice rash reaction unacceptable smashed cracked "not working" failed declined error fee''',
    'Product Info': '''ingredients ingredient safe suitable size sizes price cost stock available difference recommend
use contain product colour scent puppy "how much" "how many" "which"''',
    'General': '''account password login email newsletter wholesale discount code coupon gift hours phone
collaboration press thanks love invoice''',
}
