"""The standard objects of an organisation and their fields, as rows of data.

Belongs here: what every organisation has. Does not belong here: custom fields, which a company's
records bring along, and what a field's traits mean for a request (``schema``).

One field a line: name, type with its length or target in brackets, then traits: ``required``,
``read-only``, ``insert-only`` (set when created, never after).
"""

AUDIT_FIELDS = """
    CreatedDate datetime read-only
    CreatedById reference(User) read-only
    LastModifiedDate datetime read-only
    LastModifiedById reference(User) read-only
    SystemModstamp datetime read-only
"""
SYSTEM_FIELDS = f"""
    Id id read-only
    IsDeleted boolean read-only
    {AUDIT_FIELDS}
"""
OWNER_FIELD = "OwnerId reference(User)"


def _address(prefix: str) -> str:
    return f"""
    {prefix}Street textarea(255)
    {prefix}City string(40)
    {prefix}State string(80)
    {prefix}PostalCode string(20)
    {prefix}Country string(80)
    {prefix}Latitude double
    {prefix}Longitude double
    {prefix}GeocodeAccuracy picklist(40)
    {prefix}Address address read-only
    """


STANDARD_OBJECTS = {
    "Account": f"""
    {SYSTEM_FIELDS}
    Name string(255) required
    MasterRecordId reference(Account) read-only
    Type picklist(255)
    RecordTypeId reference(RecordType)
    ParentId reference(Account)
    AccountNumber string(40)
    {_address("Billing")}
    {_address("Shipping")}
    Phone phone(40)
    Fax phone(40)
    Website url(255)
    PhotoUrl url(255) read-only
    Sic string(20)
    SicDesc string(80)
    Industry picklist(255)
    AnnualRevenue currency
    NumberOfEmployees int
    Ownership picklist(255)
    TickerSymbol string(20)
    Rating picklist(255)
    Site string(80)
    AccountSource picklist(255)
    YearStarted string(4)
    Description textarea(32000)
    LastActivityDate date read-only
    LastViewedDate datetime read-only
    LastReferencedDate datetime read-only
    {OWNER_FIELD}
    """,
    "Contact": f"""
    {SYSTEM_FIELDS}
    MasterRecordId reference(Contact) read-only
    AccountId reference(Account)
    FirstName string(40)
    LastName string(80) required
    Name string(121) read-only
    Salutation picklist(40)
    Title string(128)
    Department string(80)
    Email email(80)
    Phone phone(40)
    MobilePhone phone(40)
    Fax phone(40)
    {_address("Mailing")}
    {_address("Other")}
    ReportsToId reference(Contact)
    LeadSource picklist(255)
    Description textarea(32000)
    LastActivityDate date read-only
    {OWNER_FIELD}
    """,
    "Opportunity": f"""
    {SYSTEM_FIELDS}
    AccountId reference(Account)
    RecordTypeId reference(RecordType)
    Name string(120) required
    Description textarea(32000)
    StageName picklist(255) required
    Amount currency
    Probability percent
    ExpectedRevenue currency read-only
    TotalOpportunityQuantity double
    CloseDate date required
    Type picklist(255)
    NextStep string(255)
    LeadSource picklist(255)
    IsClosed boolean read-only
    IsWon boolean read-only
    ForecastCategory picklist(40) read-only
    ForecastCategoryName picklist(255)
    HasOpportunityLineItem boolean read-only
    Pricebook2Id reference(Pricebook2)
    ContractId reference(Contract)
    CampaignId reference(Campaign)
    FiscalQuarter int read-only
    FiscalYear int read-only
    LastStageChangeDate datetime read-only
    LastActivityDate date read-only
    {OWNER_FIELD}
    """,
    "OpportunityLineItem": f"""
    {SYSTEM_FIELDS}
    OpportunityId reference(Opportunity) required insert-only
    PricebookEntryId reference(PricebookEntry) insert-only
    Product2Id reference(Product2) insert-only
    ProductCode string(255) read-only
    Name string(376) read-only
    Quantity double required
    UnitPrice currency
    ListPrice currency read-only
    Discount percent
    Subtotal currency read-only
    TotalPrice currency
    ServiceDate date
    SortOrder int
    Description string(255)
    """,
    "OpportunityHistory": """
    Id id read-only
    IsDeleted boolean read-only
    CreatedDate datetime read-only
    CreatedById reference(User) read-only
    SystemModstamp datetime read-only
    OpportunityId reference(Opportunity) read-only
    StageName picklist(255) read-only
    Amount currency read-only
    ExpectedRevenue currency read-only
    CloseDate date read-only
    Probability percent read-only
    ForecastCategory picklist(40) read-only
    PrevAmount currency read-only
    PrevCloseDate date read-only
    """,
    "OpportunityFieldHistory": """
    Id id read-only
    IsDeleted boolean read-only
    CreatedDate datetime read-only
    CreatedById reference(User) read-only
    OpportunityId reference(Opportunity) read-only
    Field picklist(255) read-only
    DataType picklist(40) read-only
    OldValue anyType read-only
    NewValue anyType read-only
    """,
    "OpportunityLineItemSchedule": f"""
    {SYSTEM_FIELDS}
    OpportunityLineItemId reference(OpportunityLineItem) required insert-only
    Type picklist(40) required
    ScheduleDate date required
    Revenue currency
    Quantity double
    Description string(80)
    """,
    "Product2": f"""
    {SYSTEM_FIELDS}
    Name string(255) required
    ProductCode string(255)
    StockKeepingUnit string(180)
    Family picklist(255)
    Description textarea(4000)
    QuantityUnitOfMeasure picklist(255)
    IsActive boolean
    IsArchived boolean read-only
    """,
    "Pricebook2": f"""
    {SYSTEM_FIELDS}
    Name string(255) required
    Description string(255)
    IsActive boolean
    IsArchived boolean read-only
    IsStandard boolean read-only
    """,
    "PricebookEntry": f"""
    {SYSTEM_FIELDS}
    Name string(255) read-only
    ProductCode string(255) read-only
    Pricebook2Id reference(Pricebook2) required insert-only
    Product2Id reference(Product2) required insert-only
    UnitPrice currency required
    IsActive boolean
    UseStandardPrice boolean
    IsArchived boolean read-only
    """,
    "Contract": f"""
    {SYSTEM_FIELDS}
    AccountId reference(Account) required
    ContractNumber string(30) read-only
    Name string(80)
    Status picklist(40)
    StatusCode picklist(40) read-only
    StartDate date
    EndDate date read-only
    ContractTerm int
    ActivatedDate datetime read-only
    ActivatedById reference(User) read-only
    OwnerExpirationNotice picklist(40)
    Pricebook2Id reference(Pricebook2)
    Description textarea(32000)
    SpecialTerms textarea(4000)
    {OWNER_FIELD}
    """,
    "ContractStatus": f"""
    Id id read-only
    {AUDIT_FIELDS}
    MasterLabel string(255) read-only
    ApiName string(255) read-only
    StatusCode picklist(40) read-only
    SortOrder int read-only
    IsDefault boolean read-only
    """,
    "User": f"""
    Id id read-only
    {AUDIT_FIELDS}
    Username string(80) required
    FirstName string(40)
    LastName string(80) required
    Name string(121) read-only
    Email email(128) required
    Alias string(8)
    Title string(80)
    Department string(80)
    Division string(80)
    IsActive boolean
    ProfileId reference(Profile)
    UserRoleId reference(UserRole)
    ManagerId reference(User)
    UserType picklist(40) read-only
    TimeZoneSidKey picklist(40)
    """,
    "RecordType": f"""
    Id id read-only
    {AUDIT_FIELDS}
    Name string(80) required
    DeveloperName string(80) required
    SobjectType picklist(40) required insert-only
    Description string(255)
    IsActive boolean
    """,
    "Profile": f"""
    Id id read-only
    {AUDIT_FIELDS}
    Name string(255) read-only
    UserType picklist(40) read-only
    Description string(255) read-only
    """,
    "ProcessInstance": f"""
    {SYSTEM_FIELDS}
    ProcessDefinitionId reference(ProcessDefinition) read-only
    TargetObjectId reference(Opportunity) read-only
    Status picklist(40) read-only
    SubmittedById reference(User) read-only
    LastActorId reference(User) read-only
    CompletedDate datetime read-only
    """,
    "ProcessInstanceStep": """
    Id id read-only
    CreatedDate datetime read-only
    CreatedById reference(User) read-only
    SystemModstamp datetime read-only
    ProcessInstanceId reference(ProcessInstance) read-only
    StepStatus picklist(40) read-only
    OriginalActorId reference(User) read-only
    ActorId reference(User) read-only
    StepNodeId reference(ProcessNode) read-only
    Comments textarea(4000) read-only
    """,
    "ProcessInstanceWorkitem": """
    Id id read-only
    IsDeleted boolean read-only
    CreatedDate datetime read-only
    CreatedById reference(User) read-only
    SystemModstamp datetime read-only
    ProcessInstanceId reference(ProcessInstance) read-only
    OriginalActorId reference(User) read-only
    ActorId reference(User) read-only
    """,
}

MULTI_CURRENCY_FIELD = "CurrencyIsoCode picklist(3)"
OBJECTS_WITH_A_CURRENCY = (
    "Account",
    "Contact",
    "Contract",
    "Opportunity",
    "OpportunityHistory",
    "OpportunityLineItem",
    "OpportunityLineItemSchedule",
    "PricebookEntry",
    "Product2",
    "User",
)
"""Those that have the field in an organisation of several currencies, and only there."""

MULTI_CURRENCY_OBJECTS = {
    "CurrencyType": f"""
    Id id read-only
    {AUDIT_FIELDS}
    IsoCode picklist(3) required insert-only
    ConversionRate double required
    DecimalPlaces int required
    IsActive boolean
    IsCorporate boolean read-only
    """,
}

FIELDS_OF_A_CUSTOM_OBJECT = f"""
    {SYSTEM_FIELDS}
    Name string(80)
    {OWNER_FIELD}
"""
