-- Rules of triage for a shop, written by hand; brand '' for all.  Words are
-- compared by their stems; "hasn:*" is hasn't, with or without its apostrophe.
-- The weights are log odds.

-- What a message is about: these speak for a category.
INSERT INTO momentum_state.triage_rule (brand, rule, category, weight, pattern) VALUES
    ('', 'where_is_my_order', 'Shipping', 3, '(where | wheres) <-> my | (where | when) <-> (is | are | s | will | can | should | does) <-> (my | our | the | i | it) & (order | parcel | package | delivery | shipment | item | it | arrive | ship | shampoo | conditioner | brush | bundle | product)'),
    ('', 'tracking', 'Shipping', 2.5, 'track | trackable'),
    ('', 'not_arrived', 'Shipping', 2.5, '(hasn:* | haven:* | didn:* | not | never | yet | still | wasn:* | nothing) & (arrive | delivered | came | come | turned <-> up | received) & !(refund | email | reply | response | code | broken | damage | missing | wrong | answer | money | confirmation)'),
    ('', 'delivery', 'Shipping', 1.5, 'delivery | deliver | ship | shipment | courier | postage | dispatch | carrier | usps | dhl | fedex | auspost | parcel | package | postie | mailman | express'),
    ('', 'ships_to', 'Shipping', 2, '(ship | shipping | deliver | delivery | send | post | postage) <-> to | international | internationally | overseas | abroad | customs'),
    ('', 'change_address', 'Shipping', 3, '(change | update | wrong | new | different | correct | old | moved) & (address | postcode | zip)'),
    ('', 'refund', 'Returns', 3, 'refund | reimburse | reimbursement | money <-> back'),
    ('', 'return', 'Returns', 3, '(return & !(return <-> customer)) | (send | sending | give | bring | take | ship | post | mail) <-> (it | them | this | these | one | the) <-> back | (send | sending) <-> back | (send | bring | take) <3> back'),
    ('', 'exchange', 'Returns', 3, '(exchange & !rate) | swap | (different | another | bigger | larger | smaller | right | other) <-> (size | colour | color | scent | one)'),
    ('', 'cancel_order', 'Returns', 3, 'cancel & (order | subscription | purchase | it | delivery | payment | autoship)'),
    ('', 'changed_mind', 'Returns', 2.5, 'changed <-> my <-> mind | no <-> longer <-> (want | need) | by <-> (mistake | accident) | accidentally | don:* <-> (want | need) <-> (it | them | this)'),
    ('', 'does_not_fit', 'Returns', 1.5, 'too <-> (small | big | large | tight | loose | short | long) | (doesn:* | didn:* | not) <-> fit'),
    ('', 'broken', 'Complaints', 3, 'broken | broke | damage | crack | smash | shatter | dent | crush | snapped | torn | ripped | bent'),
    ('', 'leaking', 'Complaints', 3, '(leak | spill | spilt | burst | exploded) & !(leak <-> proof)'),
    ('', 'faulty', 'Complaints', 2.5, 'faulty | defective | defect | stopped <-> working | (not | doesn:* | didn:* | don:* | isn:* | won:*) <-> (work | working | pump | spray | lather) | fell <-> apart'),
    ('', 'wrong_item', 'Complaints', 3, 'wrong <-> (item | product | order | size | one | colour | color | scent | thing | bottle | shampoo | conditioner | parcel | box | brush) | (sent | got | received) <2> wrong | not <-> what <-> i <-> ordered | instead <-> of | someone <-> else'),
    ('', 'missing_item', 'Complaints', 2.5, '(missing & !(tracking)) | only <-> (received | got | one | sent) | (forgot | left <-> out) | (item | bottle | brush) <3> (not | wasn:*) <2> (box | parcel | package) | short <-> one | empty'),
    ('', 'charged_wrong', 'Complaints', 2.5, '((charge | bill | payment | paid) & (twice | double | again | extra | duplicate | wrong)) | overcharge | unauthorised | unauthorized'),
    ('', 'bad_experience', 'Complaints', 2, 'disappoint | unacceptable | terrible | awful | disgusting | disgust | appalling | worst | rude | ridiculous | complaint | complain | scam | disgrace | horrible | shocking | furious | useless | misleading | fed <-> up | rip <-> off'),
    ('', 'nobody_answers', 'Complaints', 2, 'no <-> (reply | response | answer) | ignored | ignoring | (nobody | noone | one) <-> (reply | answer | respond) | (nobody | noone | one) <2> (reply | answer | respond | bothered) | (third | fourth | fifth | 3rd | 4th) <-> (time | email | message | attempt)'),
    ('', 'spoilt', 'Complaints', 2.5, '((smell | smelt | smelled) & (off | bad | weird | awful | rancid | horrible | funny | strange | gone)) | mould | mouldy | mold | moldy | rancid | expired | separated | curdled'),
    ('', 'made_it_worse', 'Complaints', 2, '(made | left | gave | caused | turned) & (worse | dry | greasy | matted | itchy | itch | red | scratching | scratch | flaky | dandruff | sick | sneeze)'),
    ('', 'ingredients', 'Product Info', 3, 'ingredient | contain | sulfate | sulphate | paraben | silicone | vegan | organic | cruelty | hypoallergenic | ph | fragrance | scented | unscented | alcohol | gluten | palm'),
    ('', 'suits', 'Product Info', 2, '(suitable | suit | safe | ok | okay | good | gentle | work | use | used | right | help | helps | best) & (puppy | kitten | cat | skin | coat | breed | sensitive | poodle | cavoodle | labradoodle | cockapoo | groodle | fur | curly | eczema | rabbit | pregnant | human | baby | senior | horse | flea | allergy | allergies)'),
    ('', 'how_to_use', 'Product Info', 2.5, '(how | can | should | do) & (use | apply | wash | dilute | rinse | bathe | bath | leave | lather | store) & !(code | voucher | points | card | login | website)'),
    ('', 'price', 'Product Info', 1.5, '((how <-> much) | price | cost) & !(ship | deliver | postage | return)'),
    ('', 'in_stock', 'Product Info', 3, 'back <2> stock | in <-> stock | restock | out <-> of <-> stock | sold <-> out | available | availability | do <-> you <-> (sell | have | make | carry | stock | offer) | coming <-> back'),
    ('', 'which_one', 'Product Info', 2, 'difference <-> between | which <-> (one | size | shampoo | conditioner | product | scent | brush | bundle | of) | what <-> (size | scent | is <-> the <-> (size | difference)) | do <-> you <-> recommend | would <-> you <-> recommend | can <-> you <-> recommend | compare'),
    ('', 'about_product', 'Product Info', 1.5, 'shelf <-> life | expiry | best <-> before | how <-> (many | long | big | often | old) & (wash | washes | last | bottle | ml | dog | product | weeks | use | brush) | made <-> (in | of | from) | dimensions | come <-> in | tell <-> me <-> more | warranty | guarantee'),
    ('', 'discount_code', 'General', 3, 'discount | promo | promotion | coupon | voucher | gift <-> card | sale & (when | next | black)'),
    ('', 'account', 'General', 3, 'log <-> in | login | password | (my | an | the) <-> account | username | sign <-> (in | up) | newsletter | website | checkout | app | (change | update) & (name | email | phone | card)'),
    ('', 'loyalty', 'General', 2.5, 'loyalty | points | rewards | referral | refer | membership'),
    ('', 'shop_hours', 'General', 2.5, 'opening <-> hours | (phone | contact) <-> number | speak <2> (someone | human | person) | call <-> you | store <-> hours | showroom | visit | are <-> you <-> open'),
    ('', 'invoice', 'General', 2, 'invoice | vat | tax | receipt'),
    ('', 'charity', 'General', 2.5, 'charity | donate | donation | raffle | fundraiser | rescue <-> (group | shelter | organisation | organization) | shelter'),
    ('', 'praise', 'General', 1.5, '(love | amazing | fantastic | wonderful | brilliant | thank <-> you | thanks | obsessed | best) & !(refund | return | where | when | how | which | broken | leak | wrong | missing | please | but | exchange | does | do | not | never | can | could)')
ON CONFLICT (brand, rule) DO NOTHING;

-- What leaves no doubt: these decide alone.
INSERT INTO momentum_state.triage_rule (brand, rule, category, weight, priority, pattern) VALUES
    ('', 'bad_reaction', 'Complaints', 4, 100, 'allergic <-> reaction | rash | hives | blister | swollen | swelling | (burned | burnt | burns) & (skin | eyes | scalp) | vet & (took | bill | emergency | rushed | reaction)'),
    ('', 'wholesale', 'General', 4, 50, 'wholesale | stockist | distributor | reseller | distribution | (bulk <-> (order | pricing | price)) | groomer & (salon | trade) | trade <-> (account | pricing | price)'),
    ('', 'press', 'General', 4, 50, 'press | journalist | magazine | interview | influencer | collaboration | collaborate | collab | partnership | sponsor | sponsorship | ambassador | affiliate | podcast | blogger'),
    ('', 'jobs', 'General', 4, 50, 'vacancy | hiring | internship | (job | career) & (apply | position | opening | opportunity | any | cv) | resume & attached'),
    ('', 'unsubscribe', 'General', 4, 50, 'unsubscribe | (stop | remove) & (newsletter | emails | emailing | list | texts | sms)'),
    ('', 'offer_of_service', 'General', 4, 50, 'seo | backlink | guest <-> post | (increase | boost) & (traffic | ranking | rankings | followers) | virtual <-> assistant')
ON CONFLICT (brand, rule) DO NOTHING;

-- How urgent it is: by what it is about, ...
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, priority, when_category, sentiment_below, sentiment_above) VALUES
    ('', 'shipping', 'Medium', 0, 'Shipping', NULL, NULL),
    ('', 'returns', 'Medium', 0, 'Returns', NULL, NULL),
    ('', 'complaints', 'High', 0, 'Complaints', NULL, NULL),
    ('', 'unhappy', 'Medium', 0, NULL, -1, NULL),
    ('', 'angry', 'High', 10, NULL, -3.2, NULL),
    ('', 'settled', 'Low', 5, NULL, NULL, 1.5)
ON CONFLICT (brand, rule) DO NOTHING;

-- ... and by what it says.
INSERT INTO momentum_state.triage_rule (brand, rule, urgency, priority, pattern) VALUES
    ('', 'soon', 'High', 10, 'today | tonight | tomorrow | asap | immediately | (this <-> (week | weekend | friday | saturday | sunday | monday | thursday)) | (by | before) <-> (friday | saturday | sunday | monday | tuesday | wednesday | thursday | christmas | next | the <-> weekend) | right <-> away | time <-> sensitive'),
    ('', 'urgent', 'Urgent', 20, '(urgent & !(not <-> urgent)) | urgently | emergency'),
    ('', 'event', 'Urgent', 20, '(wedding | birthday | party | funeral | flight | fly | flying | travelling | traveling | competition | dog <-> show | surgery | photoshoot) & (today | tonight | tomorrow | this <-> (week | weekend | friday | saturday | sunday | monday | thursday))'),
    ('', 'before_dispatch', 'High', 10, '(change | cancel | update | wrong | correct | stop | amend) & (address | order) & !(sent <-> (me | us) | received | got | arrived | came)'),
    ('', 'again', 'High', 10, '(third | fourth | fifth | second | 2nd | 3rd | 4th) <-> (time | email | message | attempt) | no <-> (reply | response | answer) | ignored | still <2> (reply | heard | response | answer) | (nobody | noone | one) <-> (reply | answer | respond) | (nobody | noone | one) <2> (reply | answer | respond)'),
    ('', 'waits_long', 'High', 10, '(week | month) & (still | late | waiting | where | not | no | never | nothing | nobody | overdue | haven:* | hasn:* | didn:*)'),
    ('', 'lost_parcel', 'High', 10, '(says | marked | shows | status) & delivered & (not | never | nothing | no | haven:* | didn:* | isn:* | but) | (lost | stolen) & (parcel | package | order | post | mail | delivery)'),
    ('', 'money_taken', 'High', 10, '(charge | bill | paid | payment) & (twice | double | duplicate | wrong) | overcharge'),
    ('', 'no_rush', 'Low', 15, 'no <-> (rush | hurry) | not <-> urgent | whenever <-> you | when <-> you <-> (get | have) <2> (chance | moment | time)'),
    ('', 'health', 'Urgent', 30, 'allergic <-> reaction | rash | hives | blister | swollen | swelling | (burned | burnt) & (skin | eyes | scalp) | vet & (took | bill | emergency | rushed | reaction) | hospital | bleeding | swallowed | ingested | (ate | drank | licked) & (shampoo | bottle | conditioner | it)'),
    ('', 'legal', 'Urgent', 30, 'lawyer | solicitor | attorney | legal <-> (action | advice | team | proceedings) | sue | suing | lawsuit | trading <-> standards | accc | ombudsman | consumer <-> (affairs | protection | rights) | small <-> claims | fair <-> trading | bbb | court'),
    ('', 'chargeback', 'Urgent', 30, 'chargeback | charge <-> back | dispute & (charge | payment | bank | paypal | transaction | card) | (fraud | fraudulent | unauthorised | unauthorized | hacked) & (card | payment | account | charge | order | bank | transaction)'),
    ('', 'public', 'High', 10, '(post | review | tell | share) & (facebook | instagram | tiktok | social <-> media | trustpilot | everyone | google) & !(love | amazing | great | collab | giveaway)')
ON CONFLICT (brand, rule) DO NOTHING;
